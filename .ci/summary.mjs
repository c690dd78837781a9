// Prints the last line of `.ci/run` from the test runner's JSON report, and decides its exit code.
import { readFileSync } from 'node:fs';

const [report, tests, checks] = process.argv.slice(2);
const { passed, failed } = count(report);
if (checks !== '0') console.log('lint or types failed');
if (tests !== '0' && failed === 0) console.log(`the test runner ended with ${tests}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = tests === '0' && checks === '0' && failed === 0 && passed > 0 ? 0 : 1;

function count(file) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
    // a file that could not be loaded has failed without a test of its own to show for it
    const broken = testResults.filter(({ status, assertionResults }) => {
      return status === 'failed' && assertionResults.every((one) => one.status !== 'failed');
    });
    return { passed: numPassedTests, failed: numFailedTests + broken.length };
  } catch (error) {
    console.log(`no report of the test runner: ${error.message}`);
    return { passed: 0, failed: 0 };
  }
}
