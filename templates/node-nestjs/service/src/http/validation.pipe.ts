import {
  Injectable,
  StandardSchemaValidationPipe,
  type StandardSchemaValidationPipeOptions,
  UnprocessableEntityException,
} from '@nestjs/common';

type ExceptionFactory = NonNullable<StandardSchemaValidationPipeOptions['exceptionFactory']>;
type Issue = Parameters<ExceptionFactory>[0][number];

/**
 * Validates what a handler takes with the schema of its `@Body`, `@Param` or `@Query`, and
 * answers 422 with the name of each field that does not fit.
 */
@Injectable()
export class ValidationPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({
      exceptionFactory: (issues) =>
        new UnprocessableEntityException({
          message: 'The request does not fit what is expected here',
          errors: issues.flatMap(misfits),
        }),
    });
  }

  /** Nest drops keys such as `constructor`; here they are refused like any that is not known. */
  protected override stripProtoKeys(): void {}
}

/** One for each field; zod says of all unknown keys at once that they are. */
function misfits(issue: Issue): { field: string; detail: string }[] {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  // Only a body can be wrong as a whole: parameters are always fields.
  const fieldOf = (...keys: unknown[]) => [...path, ...keys].join('.') || 'body';
  return 'keys' in issue && Array.isArray(issue.keys)
    ? issue.keys.map((key) => ({ field: fieldOf(key), detail: 'Not a known field' }))
    : [{ field: fieldOf(), detail: issue.message }];
}
