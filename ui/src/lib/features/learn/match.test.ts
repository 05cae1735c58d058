import { describe, expect, it } from 'vitest';
import { Matching } from './match.svelte';

describe('Matching', () => {
  it('starts on the first left-hand text, with the right side mixed', () => {
    const matching = new Matching(3, 'seed', null);
    expect(matching.selected).toBe(0);
    expect(matching.rights).not.toEqual([0, 1, 2]);
    expect(matching.answer).toBeNull();
  });

  it('goes to the next text that is alone after each pair', () => {
    const matching = new Matching(3, 'seed', null);
    matching.chooseRight(2);
    expect(matching.selected).toBe(1);
    matching.chooseLeft(2);
    matching.chooseRight(0);
    expect(matching.selected).toBe(1);
    matching.chooseRight(1);
    expect(matching.selected).toBeNull();
    expect(matching.answer).toEqual([2, 1, 0]);
  });

  it('takes a partner away from whoever had it', () => {
    const matching = new Matching(2, 'seed', [0, 1]);
    matching.chooseLeft(1);
    matching.chooseRight(0);
    expect(matching.rightOf(0)).toBeNull();
    expect(matching.rightOf(1)).toBe(0);
    expect(matching.selected, 'the one left alone').toBe(0);
  });

  it('undoes a pair by tapping its left side twice', () => {
    const matching = new Matching(2, 'seed', [1, 0]);
    matching.chooseLeft(0);
    matching.chooseLeft(0);
    expect(matching.rightOf(0)).toBeNull();
    expect(matching.answer).toBeNull();
  });

  it('chooses the pair of a right-hand text when nothing is chosen', () => {
    const matching = new Matching(2, 'seed', [1, 0]);
    expect(matching.selected).toBeNull();
    matching.chooseRight(0);
    expect(matching.selected).toBe(1);
  });

  it('never gives one right-hand text to two left ones, whatever is tapped', () => {
    const matching = new Matching(4, 'seed', null);
    let state = 7;
    for (let tap = 0; tap < 300; tap += 1) {
      state = (state * 1103515245 + 12345) % 2147483648;
      const index = (state >> 8) % 4;
      if (state % 2 === 0) matching.chooseLeft(index);
      else matching.chooseRight(index);
      const links = [0, 1, 2, 3]
        .map((left) => matching.rightOf(left))
        .filter((right) => right !== null);
      expect(new Set(links).size).toBe(links.length);
    }
  });
});
