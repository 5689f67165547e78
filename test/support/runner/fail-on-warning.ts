// Loaded into every test process before the test file: a process warning (a leak of listeners, a
// deprecated call, a rejected promise that nobody handled) is a fault, and fails the file.
process.on('warning', (warning) => {
  // Of Node itself, about parts such as its mock timers: known, and the same in every run.
  if (warning.name === 'ExperimentalWarning') {
    return;
  }
  throw new Error(`process warning: expected none, got "${warning.name}: ${warning.message}"`, {
    cause: warning,
  });
});
