/** What part of a list is asked for. */
interface Part {
  /** From the last to the first; otherwise by project id, then number. */
  newest_first?: boolean;
  /** Those after this place, in the order that is asked for: the `next` of the page before. */
  after?: Cursor;
  limit?: number;
  id_starts_with?: string;
}
interface Queries {
  projects: [Part, Page<ProjectRow>];
  plans: [{ project?: Id; unfinished?: boolean } & Part, Page<PlanRow>];
  checkpoints: [{ project?: Id; plan?: Id } & Part, Page<CheckpointRow>];
  /** One checkpoint, with all that was said of it. */
  checkpoint: [{ project: Id; checkpoint: Id }, CheckpointView];
  resumable: [{}, Resumable[]];
  /** Plans that wait for somebody's decision. */
  inbox: [{}, InboxEntry[]];
  /** As it is, or as it was at a point in its past. */
  project: [{ project: Id; at?: Point }, ProjectView];
  statistics: [{ project: Id }, Statistics];
  /** The whole store in figures; no project is loaded. */
  store_statistics: [{}, StoreStatistics];
  plan: [{ project: Id; plan: Id; at?: Point }, PlanView];
  step: [{ project: Id; plan: Id; step: number; at?: Point }, StepView];
  /** What differs between two points; the second is `now` unless it is given. */
  diff: [{ project: Id; from: Point; to?: Point }, Diff];
  /**
   * Context items in the order in which they were added, those after a number; with their bodies if
   * that is asked for, `null` where one was removed for good, and then at most 8 MiB of them.
   */
  context: [
    {
      project: Id;
      at?: Point;
      agent?: string;
      plan?: Id;
      archived?: boolean;
      bodies?: boolean;
      after?: number;
      limit?: number;
    },
    { items: (ItemView & { body?: string | null })[]; next: number | null },
  ];
  /** An item with its body: `null` if that was removed for good. */
  item: [{ project: Id; item: Id; at?: Point }, ItemView & { body: string | null }];
  /** Entries after a revision (0: from the first). */
  history: [{ project: Id; after?: number; limit?: number }, Entry[]];
  /** Entries for which all holds that is given. */
  find_entries: [
    {
      project: Id;
      /** With an event that names this plan; one that a rollback took away too. */
      plan?: Id;
      actor?: string;
      /** With an event of one of these types. */
      types?: string[];
      /** Made at this time or later, by a clock that may have gone back. */
      from?: Time;
      /** Made before this time. */
      until?: Time;
      /** Revisions: those after this one. */
      after?: number;
      before?: number;
      newest_first?: boolean;
      limit?: number;
    },
    HistoryPage,
  ];
  /** Who executes a plan; `null`: nobody, or there is no such plan. */
  lease: [{ project: Id; plan: Id }, LeaseView | null];
  /** Checks a project from its first entry to its last. */
  verify: [{ project: Id }, VerifyReport];
}
/** Something read. Lists have at most 500 rows unless `limit` says otherwise. */
export type Query = { [T in keyof Queries]: { type: T } & Queries[T][0] }[keyof Queries];
/** What a query gives. */
export type Answer<Q extends Query> = Queries[Q["type"]][1];

export type Notice =
  | {
      type: "committed";
      project: Id;
      revision: number;
      at: Time;
      actor: string;
      command: Id;
      events: Event[];
    }
  | { type: "removed"; project: Id }
  /** The listener was too slow, or what others did can't be read just now: read the state anew. */
  | { type: "missed"; count: number };

export interface Imported {
  project: Id;
  plan: Id;
  name: string;
  steps: number;
}

/** What became of one step of an imported trajectory. */
export interface Played extends StepDone {
  title: string;
}

