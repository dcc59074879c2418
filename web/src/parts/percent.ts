/** Parts per million as a percentage, exactly: 77125 is "7.7125". */
export function percentOf(ppm: number): string {
  const text = ppm.toString().padStart(5, "0");
  return `${text.slice(0, -4)}.${text.slice(-4)}`.replace(/\.?0+$/, "");
}

export function ppmOf(percent: string): number | null {
  const found = /^(\d{1,3})(?:[.,](\d{1,4}))?$/.exec(percent.trim());
  return found ? Number(`${found[1]}${(found[2] ?? "").padEnd(4, "0")}`) : null;
}
