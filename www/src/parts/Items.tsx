import type { ItemView, PlanRow } from "holdpoint";
import { useState } from "preact/hooks";
import { count, number, percent } from "../text";
import { tier } from "../words";
import { Foreign } from "./basics";
import { Icon } from "./Icon";
import { ItemDetail } from "./ItemDetail";

/** Context items in the order in which they came, each with its tier; opened, with its body. */
export function Items({
  project,
  items,
  plans,
  canChange,
}: {
  project: string;
  items: readonly ItemView[];
  plans: readonly PlanRow[];
  canChange: boolean;
}) {
  return (
    <ul class="steps items" data-testid="items">
      {items.map((item) => (
        <Row
          key={item.id}
          project={project}
          item={item}
          plan={plans.find((plan) => plan.id === item.plan)}
          canChange={canChange}
        />
      ))}
    </ul>
  );
}

function Row({
  project,
  item,
  plan,
  canChange,
}: {
  project: string;
  item: ItemView;
  plan: PlanRow | undefined;
  canChange: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  const name = item.archived ? "archived" : item.tier;
  return (
    <li
      class="step item"
      data-testid="item"
      data-item={item.id}
      data-tier={item.tier}
      data-archived={item.archived}
      data-pinned={item.pinned}
    >
      <button
        type="button"
        class="step-head"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <span class="step-number">{number(item.number)}</span>
        <svg class="key" viewBox="0 0 8 8" aria-hidden="true">
          <rect width="8" height="8" rx="2" class={`tier-${name}`} />
        </svg>
        <span class="item-title">
          <Foreign text={item.kind} />{" "}
          <span class="muted small">
            of <Foreign text={item.agent} />
            {plan && `, plan ${number(plan.number)}`}
          </span>
        </span>
        <span class="step-meta">
          {item.redacted && <span>removed</span>}
          {item.pinned && (
            <span class="item-pin">
              <Icon name="pin" /> pinned
            </span>
          )}
          <span>
            {item.tokensEstimated && "about "}
            {count(item.tokens, "token")}
          </span>
          <span class="step-state">
            {tier[name].word}, {percent(Math.round(100 * item.importance))}
            <span class="hidden"> important</span>
          </span>
        </span>
        <Icon name="chevron" />
      </button>
      {isOpen && <ItemDetail project={project} item={item} canChange={canChange} />}
    </li>
  );
}
