/**
 * Runs a step on up to `width` items at a time and yields the results in the order of the items. An item that cannot be had and a step that throws
 * end the iteration when their turn comes: the items before them have been yielded.
 */
export async function* readAhead<In, Out>(items: AsyncIterable<In>, width: number, step: (item: In) => Promise<Out>): AsyncGenerator<Out> {
  const iterator = items[Symbol.asyncIterator]();
  const running: Promise<Out>[] = [];
  const add = (result: Promise<Out>) => {
    result.catch(() => {}); // reported when its turn comes
    running.push(result);
  };
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        add(Promise.reject(error));
        return { done: true, value: undefined } as const;
      });
      if (next.done) break;
      add(step(next.value));
      if (running.length >= width) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
    await iterator.return?.();
  }
}

/**
 * Gathers items into batches. A batch ends with the iteration, when `maxItems` are in it, or `lingerMs` after its first item: the last of a few
 * items so is never kept waiting for company, and a backlog comes in well filled batches. An error is thrown after the items before it were yielded.
 */
export async function* inBatches<T>(items: AsyncIterable<T>, maxItems: number, lingerMs: number): AsyncGenerator<T[]> {
  const iterator = items[Symbol.asyncIterator]();
  const ask = () => {
    const asked = iterator.next();
    asked.catch(() => {}); // reported when it is awaited
    return asked;
  };
  try {
    let next = ask();
    for (;;) {
      const first = await next;
      if (first.done) return;
      const batch = [first.value];
      next = ask();
      const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => resolve(undefined), lingerMs);
      while (batch.length < maxItems) {
        const item = await Promise.race([next.catch(() => undefined), tooLate]);
        if (item === undefined || item.done) break;
        batch.push(item.value);
        next = ask();
      }
      clearTimeout(timer);
      yield batch;
    }
  } finally {
    await iterator.return?.();
  }
}
