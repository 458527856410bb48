/** Lets one loop sleep until there is news. News that comes while nobody sleeps is kept for the next sleep, so that none is lost. */
export interface WakeUp {
  wake(): void;
  /** Drops the news so far and tells whether there was any; called before looking at the world, never after. */
  forget(): boolean;
  /** Resolves on news, at once if there is some, on `signal`, and after `maxMs`. Never rejects. */
  sleep(signal: AbortSignal, maxMs: number): Promise<void>;
  /** Ends every sleep, now and later. */
  end(): void;
}

export function createWakeUp(): WakeUp {
  let news = false;
  let ended = false;
  const sleepers = new Set<() => void>();
  const rouse = () => {
    for (const getUp of [...sleepers]) getUp();
  };
  return {
    wake() {
      news = true;
      rouse();
    },
    forget() {
      const had = news;
      news = false;
      return had;
    },
    sleep(signal, maxMs) {
      if (news || ended || signal.aborted || maxMs <= 0) return Promise.resolve();
      return new Promise((resolve) => {
        const getUp = () => {
          clearTimeout(alarm);
          signal.removeEventListener('abort', getUp);
          sleepers.delete(getUp);
          resolve();
        };
        const alarm = setTimeout(getUp, maxMs);
        signal.addEventListener('abort', getUp);
        sleepers.add(getUp);
      });
    },
    end() {
      ended = true;
      rouse();
    },
  };
}
