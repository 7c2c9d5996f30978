/**
 * Hands an answer on when it is there: at once if it is there at once, since a promise in between would cost a turn for
 * each request. What throws, early or late, goes to `failed` and never into the native callback that we are called from
 * (H5).
 */
export function settle<Result>(
  start: () => Result | Promise<Result>,
  done: (result: Result) => void,
  failed: (error: unknown) => void,
): void {
  try {
    const result = start();
    if (result instanceof Promise) result.then(done).catch(failed);
    else done(result);
  } catch (error) {
    failed(error);
  }
}
