import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import * as z from 'zod';
import { ApiProblems } from '../docs/openapi.js';
import { HealthService } from './health.service.js';

const healthSchema = z.object({ status: z.literal('ok') });
const readinessSchema = healthSchema.extend({ checks: z.record(z.string(), z.literal('ok')) });

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('healthz')
  @ApiOperation({ summary: 'Whether the process is alive' })
  @ApiOkResponse({ description: 'It is.', standardSchema: healthSchema })
  getHealth(): z.output<typeof healthSchema> {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'Whether the service can do its work' })
  @ApiOkResponse({ description: 'It can.', standardSchema: readinessSchema })
  @ApiProblems(503)
  async getReadiness(): Promise<z.output<typeof readinessSchema>> {
    return { status: 'ok', checks: await this.health.checkReadiness() };
  }
}
