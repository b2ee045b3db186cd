// The types of the packed package, as TypeScript projects of several kinds see them.
import { cp } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { makeApp, root, run } from "./support/packed.mjs";

const limit = { timeout: 240_000 };
const strict = {
  target: "ES2022",
  lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: true,
  jsx: "react-jsx",
  types: ["node"],
  noEmit: true,
};
const projects = {
  nodenext: {
    compilerOptions: {
      ...strict,
      module: "NodeNext",
      moduleResolution: "NodeNext",
      skipLibCheck: false,
    },
    files: ["uses.ts", "hooks.tsx", "node.mts"],
  },
  bundler: {
    compilerOptions: {
      ...strict,
      module: "ESNext",
      moduleResolution: "Bundler",
      skipLibCheck: false,
    },
    files: ["uses.ts", "hooks.tsx", "node.mts"],
  },
  // As `npm create vite@latest -- --template react-ts` writes it, apart from names of files.
  vite_template: {
    compilerOptions: {
      target: "es2023",
      lib: ["ES2023", "DOM"],
      module: "esnext",
      types: ["vite/client"],
      skipLibCheck: true,
      moduleResolution: "bundler",
      allowImportingTsExtensions: true,
      verbatimModuleSyntax: true,
      moduleDetection: "force",
      noEmit: true,
      jsx: "react-jsx",
      noUnusedLocals: true,
      noUnusedParameters: true,
      erasableSyntaxOnly: true,
      noFallthroughCasesInSwitch: true,
    },
    files: ["hooks.tsx", "app.ts"],
  },
};

/** What the README begins with, as far as it is one file. */
const app = `
import { Holdpoint, init, isHoldpointError } from "holdpoint";
import wasmUrl from "holdpoint/holdpoint.wasm?url";
await init(wasmUrl);
const hp = await Holdpoint.open({ name: "my-app", actor: "ana" });
const project = await hp.createProject({ name: "Site redesign" });
const plan = await project.createPlan({ request: "Add sign-in", steps: ["design", "code"] });
try {
  const result = await plan.run(async (step) => ({ did: step.title }));
  if (result.status === "held") console.log(result.hold.reason);
} catch (error) {
  if (isHoldpointError(error, "QUOTA_EXCEEDED")) console.log(error.message);
  else throw error;
}
`;

const require = createRequire(import.meta.url);
const compilers = {
  7: require.resolve("typescript/package.json"),
  6: createRequire(join(root, "docs/reference/package.json")).resolve("typescript/package.json"),
};

for (const [version, manifest] of Object.entries(compilers)) {
  for (const [name, config] of Object.entries(projects)) {
    // It is slow, and differs from the other one in nothing that these projects differ in.
    if (version === "6" && name !== "nodenext") continue;
    test(`typescript_${version}_takes_the_packed_types_in_a_${name}_project`, limit, async (t) => {
      const folder = await makeApp(t, [], {
        "tsconfig.json": JSON.stringify(config),
        "package.json": JSON.stringify({ type: "module" }),
        "app.ts": app,
      });
      await cp(join(root, "tests/package/types"), folder, { recursive: true });
      await run(process.execPath, [join(dirname(manifest), "bin/tsc"), "-p", "."], {
        cwd: folder,
        timeout: 200_000,
      });
    });
  }
}
