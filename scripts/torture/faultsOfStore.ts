import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { forbid } from './disk.ts';
import type { Fault } from './fault.ts';
import { died, killingAt } from './killing.ts';
import { complains, passes, stillRunsAfter } from './moments.ts';
import { readRecords, writing } from './records.ts';
import type { World } from './world.ts';

/** The cycle fails and is tried again; where the program works once, or only starts, it ends with 1. */
const STORE_FAILS = /^(?:cycle|outbox|duty)\.failed$/;
const CODES = [0, 1];

export const STORE_FAULTS: readonly Fault[] = [
  {
    name: 'disk:full-before',
    does: 'no room on the disk when the program starts, or soon after',
    needs: { smallDisk: true, root: true },
    says: STORE_FAILS,
    codes: CODES,
    plan(at) {
      const free = at(0, 60) * 1024;
      return {
        before: ({ disk }) => disk?.fill(free),
        async during({ disk }, program) {
          await complains(program);
          disk?.relieve();
        },
        struck: (_world, { code, stderr }) => code !== 0 || stderr.includes('STORE_FULL'),
      };
    },
  },
  {
    name: 'disk:full-meanwhile',
    does: 'no room on the disk in the middle of the work, and room again a while later',
    needs: { smallDisk: true, root: true },
    says: STORE_FAILS,
    codes: CODES,
    plan(at) {
      const [free, ms] = [at(0, 120) * 1024, at(300, 1_500)];
      const moment = ['mailbox.listed', 'message.kept', 'transaction.begun', 'replies.claimed'][at(0, 3)]!;
      let full = false;
      return {
        async during(world, program) {
          full = await passes(world, program, moment);
          if (!full) return;
          world.disk?.fill(free);
          await stillRunsAfter(program, ms);
          world.disk?.relieve();
        },
        struck: () => full,
      };
    },
  },
  {
    name: 'disk:read-only',
    does: 'the disk cannot be written when the program starts',
    needs: { smallDisk: true, root: true },
    says: STORE_FAILS,
    codes: [1],
    plan: () => ({
      before: ({ disk }) => disk?.readOnly(true),
      async during({ disk }, program) {
        await complains(program);
        disk?.readOnly(false);
      },
      struck: (_world, { code }) => code === 1,
    }),
  },
  {
    name: 'disk:forbidden',
    does: 'nothing may be made in the folder of kept mail for a while',
    needs: { root: true },
    says: STORE_FAILS,
    codes: CODES,
    plan(at) {
      const ms = at(300, 1_500);
      let forbidden = false;
      return {
        async during(world, program) {
          if (!(await passes(world, program, 'mailbox.listed'))) return;
          const folder = join(world.dataFolder, 'raw', 'tmp');
          forbid(folder, true);
          forbidden = true;
          await stillRunsAfter(program, ms);
          forbid(folder, false);
        },
        struck: () => forbidden,
      };
    },
  },
  {
    name: 'locked:meanwhile',
    does: 'another process holds the database in the middle of the work',
    needs: {},
    says: STORE_FAILS,
    codes: CODES,
    plan(at) {
      const ms = at(250, 1_500);
      let held = false;
      return {
        async during(world, program) {
          if (!(await passes(world, program, 'mailbox.listed'))) return;
          const release = hold(world);
          held = release !== null;
          await stillRunsAfter(program, ms);
          release?.();
        },
        struck: () => held,
      };
    },
  },
  {
    name: 'locked:start',
    does: 'another process holds the database while the program starts',
    needs: { laterRun: true },
    says: STORE_FAILS,
    codes: CODES,
    plan(at) {
      const ms = at(900, 2_000);
      let release: (() => void) | null = null;
      return {
        before(world) {
          release = hold(world);
        },
        async during() {
          await pause(release === null ? 0 : ms);
          release?.();
        },
        struck: () => release !== null,
      };
    },
  },
  {
    name: 'torn:before-commit',
    does: 'SIGKILL when a message is kept, and its file loses its end: it is kept anew',
    needs: {},
    says: /^$/,
    codes: [0],
    plan(at) {
      const [nth, share] = [at(1, 3), at(0, 90) / 100];
      let torn = false;
      return {
        environment: killingAt('message.kept', nth),
        after(world, ended) {
          const newest = keptFiles(world).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
          if (!died(world, ended) || newest === undefined) return;
          truncateSync(newest, Math.floor(statSync(newest).size * share));
          torn = true;
        },
        struck: () => torn,
      };
    },
  },
  {
    name: 'torn:after-commit',
    does: 'SIGKILL after a commit, and one kept file loses its end: that file stays damaged, and nothing else',
    needs: {},
    says: /^$/,
    codes: [0],
    plan(at) {
      const share = at(0, 90) / 100;
      let torn = false;
      return {
        environment: killingAt('transaction.committed', 1),
        after(world, ended) {
          if (!died(world, ended)) return;
          const rawId = readRecords(world.dataFolder).inbound.findLast(({ raw_id }) => raw_id !== null)?.raw_id ?? null;
          const path = keptFiles(world).find((each) => rawId !== null && each.endsWith(`${rawId}.eml`));
          if (rawId === null || path === undefined) return;
          truncateSync(path, Math.floor(statSync(path).size * share));
          world.scars.damaged.add(rawId);
          torn = true;
        },
        struck: () => torn,
      };
    },
  },
  {
    name: 'torn:half-written',
    does: 'files that an earlier process left half written',
    needs: {},
    says: /^$/,
    codes: [0],
    plan: (at) => ({
      before({ dataFolder }) {
        for (const part of ['raw', 'attachments']) {
          mkdirSync(join(dataFolder, part, 'tmp'), { recursive: true, mode: 0o700 });
          writeFileSync(join(dataFolder, part, 'tmp', `half-${at(0, 1_000_000)}`), randomBytes(at(0, 9_000)));
        }
      },
      struck: () => true,
    }),
  },
  {
    name: 'torn:log',
    does: 'SIGKILL after a commit, and the write-ahead log has rubbish at its end, as after a torn write: SQLite passes over it',
    needs: {},
    says: /^$/,
    codes: [0],
    plan(at) {
      const [moment, octets] = [['transaction.committed', 'replies.claimed'][at(0, 1)]!, at(1, 9_000)];
      let torn = false;
      return {
        environment: killingAt(moment, 1),
        after(world, ended) {
          const log = join(world.dataFolder, 'buzon.db-wal');
          if (!died(world, ended) || !existsSync(log)) return;
          appendFileSync(log, randomBytes(octets));
          torn = true;
        },
        struck: () => torn,
      };
    },
  },
  {
    name: 'torn:row',
    does: 'SIGKILL after a commit, and a queued reply loses its address: it fails, and the others go out',
    needs: {},
    says: /^reply\.failed$/,
    codes: [0],
    plan() {
      let spoilt = false;
      return {
        environment: killingAt('transaction.committed', 1),
        after(world, ended) {
          if (!died(world, ended)) return;
          const reply = readRecords(world.dataFolder).outbox.find(({ state, attempts }) => state === 'queued' && attempts === 0);
          if (reply === undefined) return;
          writing(world.dataFolder, (db) => db.prepare(`UPDATE outbox SET envelope_to = 'nadie' WHERE id = ?`).run(reply.id));
          world.scars.spoiltReplies.add(reply.message_id);
          spoilt = true;
        },
        struck: () => spoilt,
      };
    },
  },
];

/** Holds the database's write lock. @returns how to let it go; null when somebody else has it */
function hold({ dataFolder }: World): (() => void) | null {
  const file = join(dataFolder, 'buzon.db');
  if (!existsSync(file)) return null;
  const db = new Database(file, { timeout: 300 });
  try {
    db.exec('BEGIN IMMEDIATE');
  } catch {
    db.close();
    return null;
  }
  return () => db.close(); // and so rolls back
}

/** Paths of kept messages, half-written ones left out. */
function keptFiles({ dataFolder }: World): string[] {
  const raw = join(dataFolder, 'raw');
  const folders = existsSync(raw) ? readdirSync(raw).filter((name) => name !== 'tmp') : [];
  return folders.flatMap((folder) => readdirSync(join(raw, folder)).map((name) => join(raw, folder, name)));
}
