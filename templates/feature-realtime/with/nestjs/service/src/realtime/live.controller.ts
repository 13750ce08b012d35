import { join } from 'node:path';
import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';

/** Beside `src` as well as beside `dist`. */
const root = join(import.meta.dirname, '..', '..', 'public');

/** The page that shows what is pushed. */
@ApiExcludeController()
@Controller()
export class LiveController {
  @Get('live')
  getPage(@Res() response: Response): void {
    response.sendFile('live.html', { root });
  }

  @Get('live.js')
  getScript(@Res() response: Response): void {
    response.sendFile('live.js', { root });
  }

  @Get('live.css')
  getStyles(@Res() response: Response): void {
    response.sendFile('live.css', { root });
  }
}
