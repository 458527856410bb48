#!/usr/bin/env node
import { existsSync } from 'node:fs';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `buzon needs Node.js 24 or newer; this is ${process.version}.\n` +
      'In a checkout run "npm ci --ignore-scripts", then "npm start" or "npm run -s buzon -- COMMAND": they use the Node.js in node_modules.\n',
  );
  process.exit(2);
}
// A checkout runs its sources; an installed package or a container has only the built program.
const sources = new URL('../src/main.ts', import.meta.url);
await import(existsSync(sources) ? sources.href : new URL('../dist/main.js', import.meta.url).href);
