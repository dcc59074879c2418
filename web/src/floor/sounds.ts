let context: AudioContext | null = null;

/** A short tone; a browser that has none is silent. */
function tone(hertz: number, seconds: number, after = 0): void {
  try {
    context ??= new AudioContext();
    const start = context.currentTime + after;
    const source = context.createOscillator();
    const loudness = context.createGain();
    source.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.12, start);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + seconds);
    source.connect(loudness).connect(context.destination);
    source.start(start);
    source.stop(start + seconds);
  } catch {
    // No sound here; colour and words say the same.
  }
}

/** Right, wrong, and through: told apart without looking. */
export const sounds = {
  right: () => tone(1320, 0.12),
  wrong: () => {
    tone(180, 0.25);
    tone(180, 0.3, 0.3);
  },
  through: () => {
    tone(880, 0.12);
    tone(1320, 0.2, 0.13);
  },
};
