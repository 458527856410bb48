/** Work that is done at times of its own, beside the mail: the digest, what expires, the comparison of ledger and mailbox. */
export interface Duty {
  /** For log and metrics. */
  name: string;
  /** A cron schedule, in the time of Bogotá. */
  schedule: string;
  /** Does it once. What can wait for the next time is logged by the duty itself. @throws AppError when the world fails */
  run(signal: AbortSignal): Promise<void>;
}
