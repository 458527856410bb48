import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const SOURCES = resolve(import.meta.dirname, '../src');

/**
 * From the bottom up. A file imports from layers below its own, and from its own. A file beside the folders that is not named here is one of the
 * daemon's paths (`ingest.ts`, `deliver.ts`, `worker.ts`); the adapters are on the same floor, and neither knows the other.
 */
const PATHS = 3;
const LAYERS = [
  ['mail'],
  ['desk'],
  ['ports.ts', 'errors.ts', 'log.ts', 'milestones.ts', 'reports.ts'],
  ['adapters', 'http', 'duties'],
  ['app.ts'],
  ['commands'],
  ['cli.ts'],
  ['main.ts'],
];

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const textOf = (file: string) => readFileSync(join(SOURCES, file), 'utf8');
/** Matches `from './a.ts'` and `import('./a.ts')`; not a path in a comment. */
const importsOf = (file: string) =>
  [...textOf(file).matchAll(/(?:^import |^export .*from |^\} from |import\().*?'([^']{1,200})'/gm)].map(([, path]) => path!);
const ownImportsOf = (file: string) =>
  importsOf(file)
    .filter((path) => path.startsWith('.'))
    .map((path) => relative(SOURCES, resolve(SOURCES, dirname(file), path)));
const partOf = (file: string) => file.split('/')[0]!;
const layerOf = (file: string) => {
  const layer = LAYERS.findIndex((parts) => parts.includes(partOf(file)));
  return layer === -1 && !file.includes('/') ? PATHS : layer;
};

test('every folder belongs to a layer', () => {
  expect(files.filter((file) => layerOf(file) === -1)).toEqual([]);
});

test('imports point down, and to adapters only from the application and from other adapters', () => {
  const wrong = files.flatMap((file) =>
    ownImportsOf(file)
      .filter((imported) => {
        const [from, to] = [partOf(file), partOf(imported)];
        if (to === 'adapters') return !['app.ts', 'adapters'].includes(from);
        return from === 'adapters' ? layerOf(imported) >= layerOf(file) : layerOf(imported) > layerOf(file);
      })
      .map((imported) => `${file} imports ${imported}`),
  );

  expect(wrong).toEqual([]);
});

test('imports go round in no circle', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, path: string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (path.includes(file) || done.has(file)) return;
    for (const imported of ownImportsOf(file)) walk(imported, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);

  expect(circles).toEqual([]);
});

test('mail and desk touch no world: no files, network, threads, processes, clock, environment or chance', () => {
  const world = /^node:(?:fs|net|tls|http|https|dns|os|worker_threads|child_process|process|timers)(?:\/|$)/; // node:fs/promises, not node:stream
  const impure =
    /\bDate\.now\b|\bnew Date\(\)|\bprocess\.|\bMath\.random\b|\bperformance\.|\brandomUUID\b|\brandomBytes\b|\bset(?:Timeout|Interval)\b/;
  const pure = files.filter((file) => ['mail', 'desk'].includes(partOf(file)));

  expect(pure.filter((file) => importsOf(file).some((path) => world.test(path)))).toEqual([]);
  expect(pure.filter((file) => impure.test(textOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')))).toEqual([]);
  expect(pure.length).toBeGreaterThan(40);
});
