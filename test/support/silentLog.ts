import type { Log, LogEvents } from '../../src/log.ts';

export interface LoggedEvent {
  level: 'debug' | 'info' | 'warn' | 'error';
  event: keyof LogEvents;
  fields: LogEvents[keyof LogEvents];
}

/** A log that keeps what it is told and prints nothing. */
export function aSilentLog(): Log & { events: LoggedEvent[] } {
  const events: LoggedEvent[] = [];
  const at =
    (level: LoggedEvent['level']): Log['info'] =>
    (event, fields) => {
      events.push({ level, event, fields });
    };
  return { events, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
