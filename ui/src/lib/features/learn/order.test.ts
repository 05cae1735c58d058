import { describe, expect, it } from 'vitest';
import { Ordering } from './order.svelte';

describe('Ordering', () => {
  it('starts with every step mixed and none placed', () => {
    const ordering = new Ordering(4, 'seed', null);
    expect([...ordering.pool].sort()).toEqual([0, 1, 2, 3]);
    expect(ordering.pool).not.toEqual([0, 1, 2, 3]);
    expect(ordering.answer).toBeNull();
  });

  it('places the last step by itself', () => {
    const ordering = new Ordering(3, 'seed', null);
    ordering.place(2);
    expect(ordering.answer).toBeNull();
    ordering.place(0);
    expect(ordering.answer).toEqual([2, 0, 1]);
  });

  it('takes a step back and lets it be placed again', () => {
    const ordering = new Ordering(3, 'seed', [0, 1, 2]);
    ordering.remove(0);
    expect(ordering.pool).toEqual([0]);
    ordering.place(0);
    expect(ordering.answer).toEqual([1, 2, 0]);
  });

  it('moves a step up and down, never past the ends', () => {
    const ordering = new Ordering(3, 'seed', [0, 1, 2]);
    ordering.move(2, -1);
    expect(ordering.placed).toEqual([0, 2, 1]);
    ordering.move(0, -1);
    expect(ordering.placed, 'already first').toEqual([0, 2, 1]);
    ordering.move(1, 1);
    expect(ordering.placed, 'already last').toEqual([0, 2, 1]);
  });

  it('comes back with the order that was given', () => {
    expect(new Ordering(3, 'seed', [1, 0, 2]).answer).toEqual([1, 0, 2]);
  });

  it('ignores steps that do not exist and steps placed twice', () => {
    const ordering = new Ordering(3, 'seed', [1, 1, 7, -1]);
    expect(ordering.placed).toEqual([1]);
    ordering.place(1);
    ordering.place(9);
    expect(ordering.placed).toEqual([1]);
  });
});
