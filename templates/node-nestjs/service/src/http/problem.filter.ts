import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
  NotFoundException,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { ExpressAdapter } from '@nestjs/platform-express';
import type { Application, Request, Response } from 'express';
import { createProblem, type Problem, problemType } from './problem.js';

/** Every exception ends here and leaves as a problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly adapterHost: HttpAdapterHost<ExpressAdapter>) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      // Too late for another answer: the caller has to notice that this one is not whole.
      this.logger.error({ msg: 'answer cut off', err: exception });
      response.destroy();
      return;
    }
    // No route has matched when Nest says that there is none.
    if (exception instanceof NotFoundException && request.route === undefined) {
      this.answerUnrouted(request, response);
      return;
    }
    const problem = toProblem(exception);
    if (problem.status === 500) this.logger.error({ msg: 'request failed', err: exception });
    if (problem.status === 503) {
      const err = exception instanceof HttpException ? (exception.cause ?? exception) : exception;
      this.logger.warn({ msg: 'unavailable', err });
      response.set('Retry-After', '1');
    }
    // What is left of the body is not read, so nothing else can come over this connection.
    if (problem.status === 413) response.set('Connection', 'close');
    send(response, problem);
  }

  /** Answers 405 with the methods of a path that has some, otherwise 404. */
  private answerUnrouted(request: Request, response: Response): void {
    const methods = this.methodsOf(request.path);
    if (methods.length === 0) {
      send(response, createProblem(404, 'There is nothing at this path'));
      return;
    }
    response.set('Allow', methods.join(', '));
    send(response, createProblem(405, `${request.method} is not possible here`));
  }

  private methodsOf(path: string): string[] {
    const { router } = this.adapterHost.httpAdapter.getInstance<Application>();
    const methods = new Set<string>();
    for (const layer of router.stack) {
      if (layer.route === undefined || !matches(layer.route.path, path)) continue;
      for (const { method } of layer.route.stack) methods.add(method.toUpperCase());
    }
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods].toSorted();
  }
}

function matches(pattern: string, path: string): boolean {
  const given = path.split('/');
  const wanted = pattern.split('/');
  return (
    given.length === wanted.length &&
    wanted.every((segment, i) => (segment.startsWith(':') ? given[i] !== '' : segment === given[i]))
  );
}

function send(response: Response, problem: Problem): void {
  response.status(problem.status).type(problemType).json(problem);
}

/** What an `HttpException` says in its response is meant for the caller; all else is a fault. */
function toProblem(exception: unknown): Problem {
  if (!(exception instanceof HttpException)) {
    return createProblem(500, 'This is a fault of the service; its log has the request id');
  }
  const body = exception.getResponse();
  const { errors, checks }: Pick<Problem, 'errors' | 'checks'> =
    typeof body === 'object' ? body : {};
  return createProblem(exception.getStatus(), exception.message, {
    ...(errors && { errors }),
    ...(checks && { checks }),
  });
}
