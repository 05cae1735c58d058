/** The state of the triage screen: what is asked, what was found, what is open. */
import type { Backend } from '$lib/backend';
import { Resource } from '$lib/backend/resource.svelte';
import type { ReportFilter, ReportRow, ReportView } from '$lib/generated/commands';
import { Acts, type Told } from './acts.svelte';
import {
  isNarrowed,
  keepingParams,
  neighbour,
  PAGE,
  parts,
  readFilter,
  TO_TAKE,
  withParam,
} from './filter';

interface Options {
  backend: Backend;
  /** The address now: the filter and the report that is open. */
  asked: () => URLSearchParams;
  /** Goes to an address of this screen; `replace` leaves no trace in the way back. */
  go: (asked: URLSearchParams, replace: boolean) => void;
  told: Told;
}

/** Made in a component's script: it asks and listens as long as the component lives. */
export class Triage {
  readonly acts: Acts;
  limit = $state(PAGE);
  readonly #options: Options;
  /** The report last said to be read. */
  #read: string | null = null;

  #address = $derived.by(() => this.#options.asked().toString());
  selected = $derived.by(() => parts(this.#address).get('report'));
  filter = $derived.by(() => readFilter(parts(this.#address), this.limit));
  // Compared as text, so that choosing a report does not ask for the list again.
  #question = $derived.by(() => JSON.stringify(this.filter));
  narrowed = $derived.by(() => isNarrowed(this.filter));

  constructor(options: Options) {
    this.#options = options;
    const { backend } = options;
    this.acts = new Acts(backend, options.told);
    this.list = new Resource(backend, ['report'], () =>
      backend.call('report.list', JSON.parse(this.#question) as ReportFilter),
    );
    this.counts = new Resource(backend, ['report'], () => backend.call('report.counts', {}));
    this.toTake = new Resource(backend, ['report'], () => backend.call('report.list', TO_TAKE));
    this.sites = new Resource(backend, ['directory'], () => backend.call('directory.sites', {}));
    this.opened = new Resource(backend, ['report', 'action'], async () => {
      const id = this.selected;
      return id === null ? null : await backend.call('report.open', { id });
    });
    $effect(() => this.#sayRead());
  }

  readonly list;
  readonly counts;
  readonly toTake;
  readonly sites;
  readonly opened;

  get rows(): ReportRow[] {
    return this.list.value?.rows ?? [];
  }

  /** The page of the report that is open, once it is here. */
  get view(): ReportView | null {
    const view = this.opened.value ?? null;
    return view?.row.id === this.selected ? view : null;
  }

  /** Rows of several sites are mixed. */
  get manySites(): boolean {
    return this.filter.site === null && (this.sites.value?.length ?? 0) > 1;
  }

  hrefOf = (id: string): string => `?${withParam(this.#options.asked(), 'report', id)}`;

  select(id: string | null, replace = false): void {
    this.#options.go(withParam(this.#options.asked(), 'report', id), replace);
  }

  /** Changes one part of the filter. */
  change = (name: string, value: string | null): void => {
    this.limit = PAGE;
    this.#options.go(withParam(this.#options.asked(), name, value), true);
  };

  /** Takes every filter away but the status. */
  clear = (): void => {
    this.#options.go(keepingParams(this.#options.asked(), ['status', 'report']), true);
  };

  more = (): void => {
    this.limit += PAGE;
  };

  /** Opens the row before or after; its id, so that it can be brought in sight. */
  move(step: 1 | -1): string | null {
    const row = neighbour(this.rows, this.selected, step);
    if (!row) return null;
    this.select(row.id, true);
    return row.id;
  }

  /** Opening is reading: the author will see it. Said once per report and visit. */
  #sayRead(): void {
    const view = this.view;
    if (!view?.may_triage || view.row.id === this.#read) return;
    const { id } = view.row;
    this.#read = id;
    // Not said now: the next opening will say it.
    void this.#options.backend.call('report.read', { id }).catch(() => (this.#read = null));
  }
}
