import type Database from 'better-sqlite3';

/** Row of the settings: no number below it is given to a new ticket. */
const FLOOR = 'ticket-number-floor';
/** So many tickets may have been opened, and their codes mailed out, between a backup and the moment of need. */
const PERHAPS_GIVEN = 1_000;
const ROUND = 100;

/** The number of the next ticket of a database: two searches, however many tickets there are. */
export function nextNumberIn(db: Database.Database): () => number {
  const next = db
    .prepare<[], number>(
      `SELECT max((SELECT ifnull(max(number), 0) + 1 FROM ticket),
                  ifnull((SELECT CAST(value AS INTEGER) FROM setting WHERE key = '${FLOOR}'), 1))`,
    )
    .pluck();
  return () => next.get()!;
}

/**
 * Numbers that were given out after a backup are not given out again once it is restored: their codes are in the hands of people, and would lead
 * them to tickets of others. @returns the number of the next ticket, 4,100 where the highest one is 3,042
 */
export function skipNumbersIn(db: Database.Database): number {
  const floor = Math.ceil((nextNumberIn(db)() - 1 + PERHAPS_GIVEN) / ROUND) * ROUND;
  db.prepare('INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(
    FLOOR,
    `${floor}`,
  );
  return floor;
}
