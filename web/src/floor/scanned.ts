import { createContext } from "react";

/**
 * What came from the scanner and nobody has answered yet: half a code in the field, and whole ones that wait their
 * turn. It is the station's, since the field comes and goes with each step and a scanner types on meanwhile.
 */
export class Scanned {
  #half = "";
  readonly #waiting: string[] = [];

  /** The field goes, with this in it. */
  putAside(half: string): void {
    this.#half = half;
  }

  /** The next field comes; returns what is to stand in it. */
  takeUp(): string {
    const half = this.#half;
    this.#half = "";
    return half;
  }

  queue(code: string): void {
    this.#waiting.push(code);
  }

  next(): string | undefined {
    return this.#waiting.shift();
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }
}

export const ScannedHere = createContext(new Scanned());
