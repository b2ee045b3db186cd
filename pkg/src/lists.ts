import { none } from "./request.js";
import type { Store } from "./store.js";
import type { Cursor, Page } from "./types/lists.js";

/** Which part of a list is asked for. */
export interface ListOptions {
  /** Where to go on: `next` of the page before. */
  after?: Cursor | null;
  /** How many at most: 1 to 10,000; 500 unless it is given. */
  limit?: number;
}

/** @internal A page of a list. */
export async function list<Item>(
  store: Store,
  query: Parameters<Store["read"]>[0],
  { after, limit, ...rest }: ListOptions,
): Promise<Page<Item>> {
  none(rest);
  const { rows, next } = await store.read<{ rows: Item[]; next: Page<Item>["next"] }>({
    ...query,
    ...(after != null && { after }),
    ...(limit !== undefined && { limit }),
  });
  return { items: rows, next };
}
