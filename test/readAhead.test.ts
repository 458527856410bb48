import { afterEach, expect, jest, test } from '@jest/globals';
import { inBatches, readAhead } from '../src/readAhead.ts';

afterEach(() => {
  jest.useRealTimers();
});

const weightless = () => 0;

async function* from<T>(...items: T[]): AsyncGenerator<T> {
  yield* items;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Steps that end when the test says so. */
function steps() {
  const running = new Map<string, PromiseWithResolvers<string>>();
  return {
    running: () => [...running.keys()],
    step: (name: string) => {
      const end = Promise.withResolvers<string>();
      running.set(name, end);
      return end.promise;
    },
    end: (name: string) => running.get(name)!.resolve(`${name} done`),
  };
}

test('results come in the order of the items, whatever ends first', async () => {
  const { step, end } = steps();

  const found = all(readAhead(from('a', 'b', 'c'), { items: 3, weight: 1 }, weightless, step));
  await Promise.resolve();
  await new Promise(setImmediate);
  for (const name of ['c', 'b', 'a']) end(name);

  expect(await found).toEqual(['a done', 'b done', 'c done']);
});

test('no more items are in work than allowed', async () => {
  const { step, end, running } = steps();

  const found = all(readAhead(from('a', 'b', 'c'), { items: 2, weight: 1 }, weightless, step));
  await new Promise(setImmediate);
  const atFirst = running();
  for (const name of ['a', 'b']) end(name);
  await new Promise(setImmediate);
  end('c');

  expect(atFirst).toEqual(['a', 'b']);
  expect(await found).toHaveLength(3);
});

test('a step that fails ends it at its turn, after the items before it', async () => {
  const seen: string[] = [];
  const step = async (name: string) => {
    if (name === 'bad') throw new Error('no');
    return name;
  };

  const reading = (async () => {
    for await (const name of readAhead(from('a', 'bad', 'c'), { items: 8, weight: 1 }, weightless, step)) seen.push(name);
  })();

  await expect(reading).rejects.toThrow('no');
  expect(seen).toEqual(['a']);
});

test('an item that cannot be had ends it at its turn, after the items before it', async () => {
  async function* broken() {
    yield 'a';
    yield 'b';
    throw new Error('cut');
  }
  const seen: string[] = [];

  const reading = (async () => {
    for await (const name of readAhead(broken(), { items: 8, weight: 1 }, weightless, async (name) => name)) seen.push(name);
  })();

  await expect(reading).rejects.toThrow('cut');
  expect(seen).toEqual(['a', 'b']);
});

test('whoever stops early waits for what is in work', async () => {
  const ended: string[] = [];
  const step = async (name: string) => {
    await new Promise(setImmediate);
    ended.push(name);
    return name;
  };

  for await (const _first of readAhead(from('a', 'b', 'c'), { items: 3, weight: 1 }, weightless, step)) break;

  expect(ended).toEqual(['a', 'b', 'c']);
});

test('batches are filled up to their size, and the rest comes last', async () => {
  expect(await all(inBatches(from(1, 2, 3, 4, 5), { items: 2, weight: 1 }, weightless, 1_000))).toEqual([[1, 2], [3, 4], [5]]);
});

test('the first item of a batch waits for others no longer than the linger', async () => {
  jest.useFakeTimers();
  const second = Promise.withResolvers<number>();
  async function* slowly() {
    yield 1;
    yield await second.promise;
  }
  const batches = inBatches(slowly(), { items: 10, weight: 1 }, weightless, 40);

  const first = batches.next();
  await jest.advanceTimersByTimeAsync(40);
  const alone = await first;
  second.resolve(2);

  expect(alone.value).toEqual([1]);
  expect((await batches.next()).value).toEqual([2]);
});

test('an error comes after the batch of the items before it', async () => {
  async function* broken() {
    yield 1;
    throw new Error('cut');
  }
  const batches = inBatches(broken(), { items: 10, weight: 1 }, weightless, 1_000);

  expect((await batches.next()).value).toEqual([1]);
  await expect(batches.next()).rejects.toThrow('cut');
});

test('whoever stops early closes the source', async () => {
  let closed = false;
  async function* source() {
    try {
      yield 1;
      yield 2;
      yield 3;
    } finally {
      closed = true;
    }
  }

  for await (const _batch of inBatches(source(), { items: 1, weight: 1 }, weightless, 1_000)) break;

  expect(closed).toBe(true);
});

test('no more weight is in work than allowed, and a heavy item is let in alone', async () => {
  const { step, end, running } = steps();
  const weightOf = (name: string) => (name === 'heavy' ? 100 : 4);

  const found = all(readAhead(from('a', 'b', 'c', 'heavy', 'd'), { items: 10, weight: 10 }, weightOf, step));
  const inWork: string[][] = [];
  for (const name of ['a', 'b', 'c', 'heavy', 'd']) {
    await new Promise(setImmediate);
    inWork.push(running());
    end(name);
  }

  expect(await found).toHaveLength(5);
  expect(inWork).toEqual([
    ['a', 'b'],
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
    ['a', 'b', 'c', 'heavy'],
    ['a', 'b', 'c', 'heavy', 'd'],
  ]);
});

test('a batch is full by weight too, and a heavy item is a batch of its own', async () => {
  const weightOf = (name: string) => (name === 'heavy' ? 100 : 4);

  const batches = await all(inBatches(from('a', 'b', 'c', 'heavy', 'd'), { items: 10, weight: 10 }, weightOf, 1000));

  expect(batches).toEqual([['a', 'b'], ['c'], ['heavy'], ['d']]);
});
