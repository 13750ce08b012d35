import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Header, Redirect } from '@nestjs/common';
import {
  ApiExcludeEndpoint,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  type OpenAPIObject,
} from '@nestjs/swagger';
import * as z from 'zod';
import { OpenApiDocument } from './openapi-document.js';

const page = readFileSync(join(import.meta.dirname, 'public', 'index.html'), 'utf8');

/**
 * Swagger UI, all of it from this service. The page that `SwaggerModule.setup` makes carries
 * styles of its own, which the service's policy does not let it.
 */
@ApiTags('docs')
@Controller()
export class DocsController {
  constructor(private readonly openApi: OpenApiDocument) {}

  @Get()
  @Redirect('/docs', 307)
  @ApiExcludeEndpoint()
  goToDocs(): void {}

  @Get('docs')
  @Header('Content-Type', 'text/html')
  @ApiOperation({ summary: 'The documentation, as a page' })
  @ApiOkResponse({
    description: 'A page.',
    content: { 'text/html': { schema: { type: 'string' } } },
  })
  getDocs(): string {
    return page;
  }

  @Get('openapi.json')
  @ApiOperation({ summary: 'This description' })
  @ApiOkResponse({ description: 'An OpenAPI document.', standardSchema: z.looseObject({}) })
  getOpenApi(): OpenAPIObject {
    return this.openApi.document;
  }
}
