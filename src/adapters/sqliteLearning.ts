import type Database from 'better-sqlite3';
import type { CorrectedMail } from '../desk/learnModel.ts';
import type { LearningState, Training } from '../ports.ts';

interface TrainingRow {
  model_id: string;
  base_id: string;
  through_act: number;
  corrections: number;
  correct: number;
  base_correct: number;
  judged: number;
  accepted: number;
  trained_at: string;
}

/** Corrections and what was learned from them. */
export interface LearningStatements {
  state(): LearningState;
  corrections(): { mails: CorrectedMail[]; throughAct: number };
  record(training: Training): void;
}

export function learningIn(db: Database.Database): LearningStatements {
  const count = db.prepare<[], number>('SELECT count(*) FROM correction').pluck();
  const newest = db.prepare<[], { act: number; at: string }>(
    'SELECT staff_act.id AS act, done_at AS at FROM correction JOIN staff_act ON staff_act.id = staff_act_id ORDER BY staff_act_id DESC LIMIT 1',
  );
  const all = db.prepare<[], CorrectedMail & { act: number }>(
    'SELECT staff_act_id AS act, kind, subject, new_text AS newText, client FROM correction ORDER BY staff_act_id',
  );
  const last = db.prepare<[], TrainingRow>('SELECT * FROM training ORDER BY id DESC LIMIT 1');
  const lastAccepted = db.prepare<[], TrainingRow>('SELECT * FROM training WHERE accepted = 1 ORDER BY id DESC LIMIT 1');
  const insert = db.prepare(
    `INSERT INTO training (model_id, base_id, through_act, corrections, correct, base_correct, judged, accepted, trained_at)
     VALUES (@modelId, @baseId, @throughAct, @corrections, @right, @baseRight, @judged, @accepted, @at)`,
  );
  return {
    state() {
      const act = newest.get();
      return {
        corrections: count.get()!,
        newest: act ? { act: act.act, at: new Date(act.at) } : null,
        last: trainingFrom(last.get()),
        accepted: trainingFrom(lastAccepted.get()),
      };
    },

    corrections() {
      const rows = all.all();
      return { mails: rows.map(({ act, ...mail }) => mail), throughAct: rows.at(-1)?.act ?? 0 };
    },

    record(training) {
      insert.run({ ...training, accepted: training.accepted ? 1 : 0, at: training.at.toISOString() });
    },
  };
}

function trainingFrom(row: TrainingRow | undefined): Training | null {
  if (row === undefined) return null;
  return {
    modelId: row.model_id,
    baseId: row.base_id,
    throughAct: row.through_act,
    corrections: row.corrections,
    right: row.correct,
    baseRight: row.base_correct,
    judged: row.judged,
    accepted: row.accepted === 1,
    at: new Date(row.trained_at),
  };
}
