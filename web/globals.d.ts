// What scripts find in their scope and TypeScript does not know of.

/** The rules of the page's Trusted Types policy. */
export interface ScriptRules {
  createScriptURL(address: string): string;
}

declare global {
  /** Missing where the browser has no Trusted Types. A trusted address passes for a string. */
  var trustedTypes: { createPolicy(name: string, rules: ScriptRules): ScriptRules } | undefined;

  // In the worker, before worker.js: the loader of the Go distribution, and model/engine/simd/glue.js.
  class Go {
    exit: (code: number) => void;
    importObject: WebAssembly.Imports;
    run(instance: WebAssembly.Instance): Promise<void>;
  }
  function allnetKernels(module: WebAssembly.Module | null): {
    imports: WebAssembly.ModuleImports;
    attach(memory: WebAssembly.ExportValue): Promise<void>;
  };
}
