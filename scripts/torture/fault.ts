import type { Ended, RunningProgram } from '../../test/support/program.ts';
import type { Command, Leaving, World } from './world.ts';

/** One way to break the world while the program runs once, and what may come of it. */
export interface Fault {
  /** `imap-cut:body`: what comes before the colon names the kind. */
  name: string;
  /** What is done, for the reader of the table. */
  does: string;
  needs: Needs;
  /** Log events of level `warn` or `error` that it may cause, in its own run or in one after it. */
  says: RegExp;
  /** Exit codes that the run may have; a death by SIGKILL is the fault's own doing and always allowed. */
  codes: readonly number[];
  /** Written for one run of the program; `at` draws the moment. */
  plan(at: Draw): Strike;
}

export interface Needs {
  /** Connections in clear text, because it chooses a command. */
  clear?: true;
  leaving?: Leaving;
  smallDisk?: true;
  /** The first run of a world. */
  firstRun?: true;
  /** Any other run: there must be a database already. */
  laterRun?: true;
  command?: Command;
  /** Takes most of a minute: left out when the machine has little time. */
  patience?: true;
  /** Whoever starts the machine must be root. */
  root?: true;
}

/** Draws a whole number; the same seed draws the same ones. */
export type Draw = (least: number, most: number) => number;

/** What a fault does around one run. Each part is optional; `struck` says whether it came to pass. */
export interface Strike {
  /** Before the program starts. */
  before?(world: World): Promise<void> | void;
  environment?: Record<string, string>;
  /** While it runs; the run is not ended by us before this has ended. */
  during?(world: World, program: RunningProgram): Promise<void> | void;
  /** After the end of the run: what is to be put right again, and what is to be broken between two runs. */
  after?(world: World, ended: Ended): Promise<void> | void;
  struck(world: World, ended: Ended): boolean;
  /** It stood still while another worked: nobody could know what it had not written down. */
  standsStill?: true;
}
