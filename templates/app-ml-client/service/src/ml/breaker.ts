/** Failures in a row after which no call goes out for a while. */
const limit = 5;

/** Milliseconds of that while. After it one call tries whether the other side works again. */
const pause = 3_000;

/** What came of a call; one whose caller has `left` says nothing about the other side. */
export type Outcome = 'answered' | 'failed' | 'left';

/** Keeps calls from a service that does not work, so that nobody waits for it in vain. */
export class Breaker {
  #failures = 0;
  #openUntil = 0;
  #isTrying = false;

  /** Milliseconds until a call is let through again; 0 where that can be now. */
  get wait(): number {
    return Math.max(0, this.#openUntil - performance.now());
  }

  /** Lets a call through and returns how to report on it, or nothing where it must not go out. */
  enter(): ((outcome: Outcome) => void) | undefined {
    const isTrial = this.#failures >= limit;
    if (isTrial && (this.#isTrying || this.wait > 0)) return undefined;
    this.#isTrying ||= isTrial;
    return (outcome) => {
      if (isTrial) this.#isTrying = false;
      if (outcome === 'answered') {
        this.#failures = 0;
        this.#openUntil = 0;
      } else if (outcome === 'failed') {
        this.#failures += 1;
        if (this.#failures >= limit) this.#openUntil = performance.now() + pause;
      }
    };
  }
}
