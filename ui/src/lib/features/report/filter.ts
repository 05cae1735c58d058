/** What is being looked for in the triage list, as the address says it. */
import type {
  ReportFilter,
  ReportRow,
  ReportType,
  Severity,
  Status,
} from '$lib/generated/commands';

export const STATUSES: readonly Status[] = ['open', 'in_progress', 'closed'];
export const SEVERITIES: readonly Severity[] = ['critical', 'serious', 'moderate', 'low'];
export const TYPES: readonly ReportType[] = [
  'incident',
  'near_miss',
  'weak_signal',
  'need',
  'non_conformity',
  'observation',
  'flash_audit',
];

/** How many rows are asked for at a time. */
export const PAGE = 50;

/** What triage begins with: all that is not closed is too much, so what nobody has taken. */
export const TRIAGE_STATUS: Status = 'open';

/** The author's own reports: the one question that a browser keeps the answer to. */
export const MINE: ReportFilter = {
  query: '',
  site: null,
  status: null,
  severity: null,
  report_type: null,
  mine: true,
  assigned_to_me: false,
  limit: 200,
  offset: 0,
};

/** What nobody has taken, to know how many: one row is enough. */
export const TO_TAKE: ReportFilter = { ...MINE, mine: false, status: TRIAGE_STATUS, limit: 1 };

/** The filter of an address. `status=all` shows every status. */
export function readFilter(asked: URLSearchParams, limit = PAGE): ReportFilter {
  const status = asked.get('status');
  return {
    query: asked.get('q') ?? '',
    site: asked.get('site'),
    status: status === 'all' ? null : (oneOf(STATUSES, status) ?? TRIAGE_STATUS),
    severity: oneOf(SEVERITIES, asked.get('severity')),
    report_type: oneOf(TYPES, asked.get('type')),
    mine: false,
    assigned_to_me: asked.get('assigned') === 'me',
    limit,
    offset: 0,
  };
}

/** The parts of an address. */
export function parts(address: string): URLSearchParams {
  return new URLSearchParams(address);
}

/** The address with one thing changed; `null` takes it away. */
export function withParam(
  asked: URLSearchParams,
  name: string,
  value: string | null,
): URLSearchParams {
  const next = new URLSearchParams(asked);
  if (value === null || value === '') next.delete(name);
  else next.set(name, value);
  return next;
}

/** The address with only those parts. */
export function keepingParams(asked: URLSearchParams, names: readonly string[]): URLSearchParams {
  return new URLSearchParams([...asked].filter(([name]) => names.includes(name)));
}

/** Whether anything narrows the list besides the status. */
export function isNarrowed(filter: ReportFilter): boolean {
  const { query, site, severity, report_type, assigned_to_me } = filter;
  return (
    query.trim() !== '' ||
    site !== null ||
    severity !== null ||
    report_type !== null ||
    assigned_to_me
  );
}

/** The row before or after one; the first when none is chosen. */
export function neighbour(
  rows: readonly ReportRow[],
  id: string | null,
  step: 1 | -1,
): ReportRow | null {
  const place = rows.findIndex((row) => row.id === id);
  if (place < 0) return rows[0] ?? null;
  return rows[place + step] ?? rows[place] ?? null;
}

function oneOf<T extends string>(all: readonly T[], text: string | null): T | null {
  return all.find((one) => one === text) ?? null;
}
