import type Database from 'better-sqlite3';
import type { MessageRef } from '../mail/message.ts';

/** Set while a worker works; what is still set at the next start was left by one that died. */
const AT_WORK = 'worker-at-work';

/** Remembers whether a worker came to its end, and at which messages one did not. */
export interface WorkRecord {
  begin(): boolean;
  end(): void;
  /** To be called inside a transaction: outside of one, a disk that is full would lose the count without a word. */
  beginAttempt(ref: MessageRef): number;
  undoAttempt(ref: MessageRef): void;
  endAttempts(): void;
}

export function workIn(db: Database.Database): WorkRecord {
  const set = db.prepare('INSERT OR IGNORE INTO setting (key, value) VALUES (?, ?)');
  const unset = db.prepare('DELETE FROM setting WHERE key = ?');
  const attempt = db
    .prepare<[string], number>('INSERT INTO attempt (ref, begun) VALUES (?, 1) ON CONFLICT DO UPDATE SET begun = begun + 1 RETURNING begun')
    .pluck();
  const undo = db.prepare('UPDATE attempt SET begun = begun - 1 WHERE ref = ?');
  const forget = db.prepare('DELETE FROM attempt');
  return {
    begin: () => set.run(AT_WORK, 'yes').changes === 0,
    end: () => void unset.run(AT_WORK),
    beginAttempt: (ref) => attempt.get(ref)! - 1,
    undoAttempt: (ref) => void undo.run(ref),
    endAttempts: () => void forget.run(),
  };
}
