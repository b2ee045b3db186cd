import type { FoundEntry, PlanRow } from "holdpoint";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { anything, type Filter, isFiltered } from "../history";
import { kindGroups } from "../kinds";
import { beginning, number } from "../text";
import { Button } from "./basics";
import { Pick } from "./Form";

/** What of a history is shown: of which plan, by whom, what, and from when to when. */
export function HistoryFilter({
  filter,
  plans,
  seen,
  onChange,
}: {
  filter: Filter;
  /** None: it is one plan's anyway. */
  plans: readonly PlanRow[] | undefined;
  /** What is shown: whoever stands in it is offered. */
  seen: readonly FoundEntry[];
  onChange: (filter: Filter) => void;
}) {
  const summary = useRef<HTMLElement>(null);
  const kept = plans ? anything : { ...anything, plan: filter.plan };
  const isOn = isFiltered(plans ? filter : { ...filter, plan: "" });
  const actors = [...new Set(seen.map(({ actor }) => actor))].sort();
  return (
    <details class="folded" data-testid="history-filter" data-on={isOn}>
      <summary ref={summary}>{isOn ? "Only some of it is shown" : "Look for something"}</summary>
      <div class="filters" role="group" aria-label="What to look for">
        {plans && (
          <Pick
            label="Plan"
            value={filter.plan}
            onPick={(plan) => onChange({ ...filter, plan })}
            testId="history-plan"
          >
            <option value="">All plans and none</option>
            {plans.map((row) => (
              <option key={row.id} value={row.id}>
                Plan {number(row.number)}: {beginning(row.request, 40)}
              </option>
            ))}
          </Pick>
        )}
        <Pick
          label="What happened"
          value={filter.what}
          onPick={(what) => onChange({ ...filter, what })}
          testId="history-what"
        >
          <option value="">Anything</option>
          {kindGroups.map(({ key, name, kinds }) => (
            <optgroup key={key} label={name}>
              <option value={key}>{name}: anything</option>
              {kinds.map(([type, name]) => (
                <option key={type} value={type}>
                  {name}
                </option>
              ))}
            </optgroup>
          ))}
        </Pick>
        <Line
          label="By whom (the whole name)"
          type="text"
          value={filter.actor}
          offers={actors}
          onChange={(actor) => onChange({ ...filter, actor })}
          testId="history-actor"
        />
        <Line
          label="From"
          type="datetime-local"
          value={filter.from}
          onChange={(from) => onChange({ ...filter, from })}
          testId="history-from"
        />
        <Line
          label="Until before"
          type="datetime-local"
          value={filter.until}
          onChange={(until) => onChange({ ...filter, until })}
          testId="history-until"
        />
        {isOn && (
          <div class="filters-end">
            <Button
              kind="quiet"
              onClick={() => {
                // This button goes with what it did: the keyboard's place stays near.
                summary.current?.focus();
                onChange(kept);
              }}
              testId="history-all"
            >
              Show all of it
            </Button>
          </div>
        )}
      </div>
    </details>
  );
}

/** Taken when it is left or Enter is pressed: half a name finds nothing. */
function Line({
  label,
  type,
  value,
  offers,
  onChange,
  testId,
}: {
  label: string;
  type: "text" | "datetime-local";
  value: string;
  offers?: readonly string[];
  onChange: (value: string) => void;
  testId: string;
}) {
  const id = useId();
  const listId = useId();
  // As it is written: what is found meanwhile draws this anew, and takes nothing away.
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type={type}
        value={text}
        maxLength={type === "text" ? 200 : undefined}
        list={offers ? listId : undefined}
        autocomplete="off"
        data-testid={testId}
        onInput={(event) => setText(event.currentTarget.value)}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {offers && (
        <datalist id={listId}>
          {offers.map((offer) => (
            <option key={offer} value={offer} />
          ))}
        </datalist>
      )}
    </div>
  );
}
