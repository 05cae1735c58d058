import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

type Theme = 'light' | 'dark';

/** The colour of a token in a theme. */
function colour(token: string, theme: Theme): string {
  const match = new RegExp(`--${token}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css);
  const found = theme === 'light' ? match?.[1] : match?.[2];
  if (!found) throw new Error(`no colour --${token}`);
  return found;
}

/** WCAG 2 relative luminance. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const SURFACES = ['surface', 'surface-raised', 'surface-sunken', 'surface-hover'];
const TONES = ['neutral', 'danger', 'warning', 'info', 'ok'];
const HUES = ['severity-low', 'severity-moderate', 'severity-serious', 'severity-critical'];

/** [foreground, ground, least contrast] */
const PAIRS: [string, string, number][] = [
  ...SURFACES.map((on): [string, string, number] => ['text', on, 7]),
  ...SURFACES.map((on): [string, string, number] => ['text-soft', on, 4.5]),
  ...SURFACES.map((on): [string, string, number] => ['link', on, 4.5]),
  ...SURFACES.map((on): [string, string, number] => ['line-strong', on, 3]),
  ...SURFACES.map((on): [string, string, number] => ['focus', on, 3]),
  ...['surface', 'surface-raised'].flatMap((on) =>
    HUES.map((hue): [string, string, number] => [hue, on, 3]),
  ),
  ['accent-text', 'accent', 7],
  ['accent-text', 'accent-hover', 7],
  ['accent-soft-text', 'accent-soft', 7],
  ['accent', 'accent-soft', 4.5],
  ['signal-text', 'signal', 7],
  ['signal-text', 'signal-hover', 7],
  ['signal-soft-text', 'signal-soft', 7],
  ['severity-critical-text', 'severity-critical', 4.5],
  ...TONES.slice(1).map((tone): [string, string, number] => [`${tone}-text`, tone, 4.5]),
  ...TONES.map((tone): [string, string, number] => [`${tone}-soft-text`, `${tone}-soft`, 7]),
  ...TONES.map((tone): [string, string, number] => [`${tone}-soft-text`, 'surface-raised', 7]),
  ['danger-soft-text', 'surface', 7],
];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  it.each(PAIRS)('%s on %s has a contrast of at least %d', (front, ground, least) => {
    const got = contrast(colour(front, theme), colour(ground, theme));
    expect(Math.round(got * 100) / 100, `${front} on ${ground}`).toBeGreaterThanOrEqual(least);
  });
});
