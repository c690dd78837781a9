// For a generator that needs the JavaScript interface of TypeScript 5, which 7 no longer has: `node --import …` gives it that one.
import { registerHooks } from 'node:module';

const SHIM = 'data:text/javascript,import { ts } from "@ts-morph/common"; export default ts;';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'typescript') return next(specifier, context);
    const { url } = next('@ts-morph/common', context);
    return { url: SHIM.replace('@ts-morph/common', url), format: 'module', shortCircuit: true };
  },
});
