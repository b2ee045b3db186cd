import type { AgentView } from "holdpoint";
import { count, number, percent } from "../text";
import { tier } from "../words";
import { Foreign } from "./basics";

const order = ["hot", "warm", "cold", "archived"] as const;

/** An agent's context as a bar: what is fresh, what ages, what the next pause archives. */
export function TierPicture({ agent }: { agent: AgentView }) {
  const parts = { ...agent.tiers, archived: agent.archived };
  const total = agent.active.tokens + agent.archived.tokens;
  const used = agent.tokenLimit > 0 ? (100 * agent.active.tokens) / agent.tokenLimit : 0;
  const words = order
    .map((name) => `${tier[name].word} ${number(parts[name].tokens)} tokens`)
    .join(", ");
  let x = 0;
  return (
    <div class="tiers" data-testid="tiers" data-agent={agent.agent}>
      <h3>
        <span class="muted">Agent</span> <Foreign text={agent.agent} />
      </h3>
      <p class="muted small">
        {number(agent.active.tokens)} of {number(agent.tokenLimit)} tokens ({percent(used)}) in{" "}
        {count(agent.active.items, "active item")}
        {agent.active.estimated > 0 && `, ${number(agent.active.estimated)} of them estimated`}
      </p>
      <svg
        class="tier-bar"
        viewBox="0 0 100 8"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Context of this agent: ${words}`}
      >
        <rect width="100" height="8" class="tier-none" />
        {order.map((name) => {
          const width = total > 0 ? (100 * parts[name].tokens) / total : 0;
          const part = <rect key={name} x={x} width={width} height="8" class={`tier-${name}`} />;
          x += width;
          return part;
        })}
      </svg>
      <table class="legend">
        <thead class="hidden">
          <tr>
            <th scope="col">Tier</th>
            <th scope="col">Items</th>
            <th scope="col">Tokens</th>
          </tr>
        </thead>
        <tbody>
          {order.map((name) => (
            <tr key={name} data-tier={name}>
              <th scope="row">
                <svg class="key" viewBox="0 0 8 8" aria-hidden="true">
                  <rect width="8" height="8" rx="2" class={`tier-${name}`} />
                </svg>
                {tier[name].word} <span class="muted">{tier[name].meaning}</span>
              </th>
              <td class="figure">{count(parts[name].items, "item")}</td>
              <td class="figure">{count(parts[name].tokens, "token")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
