export * from './kasm/faults.js'
