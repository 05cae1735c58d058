/**
 * The screen must judge exactly as core does. `cargo test -p vigie-core form` writes what core says
 * of random forms: a committed sample, and thousands of cases in `target/form-cases.json`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FormProgram, Question } from '$lib/generated/commands';
import { judge, type Answers, type Judged } from './interpreter';

interface Cases {
  programs: FormProgram[];
  cases: { program: number; answers: Answers; today: string; judged: Judged }[];
}

const root = resolve(import.meta.dirname, '../../../..');
const sample = `${root}/ui/src/lib/generated/form-cases.json`;
const thousands = process.env['FORM_CASES'] ?? `${root}/target/form-cases.json`;

function read(path: string): Cases {
  if (!existsSync(path)) {
    throw new Error(
      `${path} is missing: run \`cargo test -p vigie-core form\` first, it writes it`,
    );
  }
  return JSON.parse(readFileSync(path, 'utf8')) as Cases;
}

function checkAll({ programs, cases }: Cases): number {
  for (const [index, { program, answers, today, judged }] of cases.entries()) {
    const form = programs[program];
    if (!form) throw new Error(`case ${String(index)} has no program`);
    expect(
      judge(form, answers, today),
      `case ${String(index)}, program ${String(program)}`,
    ).toEqual(judged);
  }
  return cases.length;
}

const question = (more: Partial<Question>): Question => ({
  name: 'a',
  type: 'text',
  label: {},
  hint: {},
  required: false,
  appearance: '',
  fills: '',
  choices: [],
  weight: null,
  default: null,
  relevant: null,
  constraint: null,
  constraint_message: {},
  calculation: null,
  ...more,
});

const form = (questions: Question[]): FormProgram => ({
  form: 'f',
  slug: 'f',
  release: 1,
  report_type: 'incident',
  icon: 'x',
  title: {},
  purpose: {},
  capsule: null,
  scored: false,
  questions,
});

describe('the interpreter of forms', () => {
  it('says what core says of the committed sample', () => {
    expect(checkAll(read(sample))).toBeGreaterThan(20);
  });

  it('says what core says of thousands of cases', () => {
    expect(checkAll(read(thousands))).toBeGreaterThanOrEqual(2_000);
    // A machine that builds at the same time is slow.
  }, 60_000);

  it('asks a question only when it is relevant, and forgets its answer otherwise', () => {
    const program = form([
      question({ name: 'hurt', type: 'yes_no', required: true }),
      question({ name: 'care', required: true, relevant: { op: 'field', name: 'hurt' } }),
    ]);
    expect(judge(program, { hurt: true }, '2026-11-22').problems.map((one) => one.field)).toEqual([
      'care',
    ]);
    expect(judge(program, { hurt: false, care: 'none' }, '2026-11-22')).toEqual({
      relevant: ['hurt'],
      answers: { hurt: false },
      problems: [],
      score: null,
    });
  });

  it('does not take a property of every object for an answer', () => {
    const judged = judge(form([question({ name: 'constructor', required: true })]), {}, '');
    expect(judged.problems.map((one) => one.code)).toEqual(['required']);
  });

  it('finishes on questions that wait for each other', () => {
    const program = form([
      question({ name: 'a', relevant: { op: 'field', name: 'b' } }),
      question({ name: 'b', relevant: { op: 'field', name: 'a' } }),
    ]);
    expect(judge(program, { a: 'x', b: 'y' }, '').relevant).toEqual([]);
  });

  it('orders texts by code point, as core does', () => {
    const constraint = {
      op: 'call' as const,
      name: '<',
      arguments: [{ op: 'self' as const }, { op: 'value' as const, value: '😀' }],
    };
    expect(judge(form([question({ constraint })]), { a: '～' }, '').problems).toEqual([]);
  });
});
