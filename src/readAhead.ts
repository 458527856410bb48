/** How much may be in hand at a time. One item is always let in, however heavy. */
export interface Bound {
  items: number;
  /** In the unit of the items' weight. */
  weight: number;
}

/**
 * Runs a step on a few items at a time and yields the results in the order of the items. An item that cannot be had and a step that throws
 * end the iteration when their turn comes: the items before them have been yielded.
 */
export async function* readAhead<In, Out>(
  items: AsyncIterable<In>,
  bound: Bound,
  weightOf: (item: In) => number,
  step: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const iterator = items[Symbol.asyncIterator]();
  const running: { result: Promise<Out>; weight: number }[] = [];
  let weight = 0;
  const add = (result: Promise<Out>, its: number) => {
    result.catch(() => {}); // reported when its turn comes
    running.push({ result, weight: its });
    weight += its;
  };
  const oldest = (): Promise<Out> => {
    const first = running.shift()!;
    weight -= first.weight;
    return first.result;
  };
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        add(Promise.reject(error), 0);
        return { done: true, value: undefined } as const;
      });
      if (next.done) break;
      const its = weightOf(next.value);
      while (running.length > 0 && weight + its > bound.weight) yield await oldest();
      add(step(next.value), its);
      if (running.length >= bound.items) yield await oldest();
    }
    while (running.length > 0) yield await oldest();
  } finally {
    await Promise.allSettled(running.map(({ result }) => result));
    await iterator.return?.();
  }
}

/**
 * Gathers items into batches. A batch ends with the iteration, when it is full, or `lingerMs` after its first item: the last of a few items so is
 * never kept waiting for company, and a backlog comes in well filled batches. An error is thrown after the items before it were yielded.
 */
export async function* inBatches<T>(
  items: AsyncIterable<T>,
  bound: Bound,
  weightOf: (item: T) => number,
  lingerMs: number,
): AsyncGenerator<T[]> {
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
      let weight = weightOf(first.value);
      next = ask();
      const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => resolve(undefined), lingerMs);
      while (batch.length < bound.items) {
        const item = await Promise.race([next.catch(() => undefined), tooLate]);
        if (item === undefined || item.done) break;
        weight += weightOf(item.value);
        if (weight > bound.weight) break;
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
