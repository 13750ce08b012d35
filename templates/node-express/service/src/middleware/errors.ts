import type { ErrorRequestHandler, RequestHandler } from 'express';
import { Problem, problemType } from '../problem.ts';

export const notFound: RequestHandler = () => {
  throw new Problem(404, 'There is nothing at this path');
};

/** The last handler of a route: answers the methods that the route has not. */
export const methodNotAllowed: RequestHandler = (req) => {
  const { methods }: { methods: Record<string, boolean> } = req.route;
  const allowed = Object.keys(methods)
    .filter((method) => method !== '_all')
    .map((method) => method.toUpperCase());
  if (methods['get']) allowed.push('HEAD');
  throw new Problem(405, `${req.method} is not possible here`, {
    headers: { Allow: allowed.toSorted().join(', ') },
  });
};

/** Every error ends here and leaves as a problem document. */
export const answerError: ErrorRequestHandler = (error: unknown, req, res, _next) => {
  if (res.headersSent) {
    // Too late for another answer: the caller has to notice that this one is not whole.
    req.log.error({ err: error }, 'answer cut off');
    res.destroy();
    return;
  }
  const problem = toProblem(error);
  if (problem.status === 500) req.log.error({ err: error }, 'request failed');
  else if (problem.status > 500) req.log.warn({ err: problem.cause ?? error }, 'unavailable');
  res.status(problem.status).set(problem.headers).type(problemType).json(problem);
};

/** The errors of Express say by themselves which status fits. */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Error && 'status' in error) {
    const status = Number(error.status);
    if (status >= 400 && status < 500) return new Problem(status, error.message);
  }
  return new Problem(500, 'This is a fault of the service; its log has the request id');
}
