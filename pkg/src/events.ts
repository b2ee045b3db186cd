/** Single events, told as they happen. */
import { EVENT_TYPES, type EventType } from "./codes.js";
import { invalidInput } from "./error.js";
import { call } from "./hub.js";
import { toCamel } from "./names.js";
import { callable } from "./request.js";
import type { Store } from "./store.js";
import type { Id, Time } from "./types/basics.js";

/** Something that happened to a project: which fields there are besides depends on the type. */
export interface HoldpointEvent<Type extends EventType = EventType> {
  readonly type: Type;
  readonly project: Id;
  readonly revision: number;
  readonly at: Time;
  readonly actor: string;
  /** The command that it comes of. */
  readonly commandId: Id;
  readonly [field: string]: unknown;
}

/**
 * What can be listened to: a type of event; `event`, which is all of them; `removed`, when a project
 * is deleted; `missed`, when something may have happened that can't be told: read anew what you show.
 */
export type EventName = EventType | "event" | "removed" | "missed";

/** What a listener is given. */
export type Told<Name extends EventName> = Name extends EventType
  ? HoldpointEvent<Name>
  : Name extends "event"
    ? HoldpointEvent
    : Name extends "removed"
      ? { readonly type: "removed"; readonly project: Id }
      : { readonly type: "missed" };

/** Is called for each event. One that throws is reported, and hears on. */
export type EventListener<Name extends EventName> = (event: Told<Name>) => void;

const NAMES: readonly string[] = [...EVENT_TYPES, "event", "removed", "missed"];

/** @internal Has a listener hear of a project, or of all. */
export function onEvent<Name extends EventName>(
  store: Store,
  project: Id | undefined,
  name: Name,
  listener: EventListener<Name>,
): () => void {
  if (!NAMES.includes(name)) throw invalidInput("name", "the name of an event", name);
  callable("listener", listener);
  store.checkOpen();
  const tell = listener as (event: unknown) => void;
  return store.hub.watch(project, (notice) => {
    if (notice.type !== "committed") {
      if (notice.type !== name) return;
      return call(tell, notice.type === "removed" ? notice : { type: "missed" });
    }
    const { revision, at, actor, command: commandId } = notice;
    for (const event of notice.events) {
      if (name !== "event" && name !== event.type) continue;
      const fields = toCamel(event) as Record<string, unknown>;
      call(tell, { ...fields, project: notice.project, revision, at, actor, commandId });
    }
  });
}
