import { Injectable } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';

/** Holds the description of the API, which is made of the whole application once that is there. */
@Injectable()
export class OpenApiDocument {
  document: OpenAPIObject;
}
