/** Who wanted a run. `order`: its first, when it was set up. */
export type Starter = 'order' | 'customer' | 'schedule' | 'restart' | 'staff' | 'resume'
/** Why a run ended. `provider`: the server ended it by itself. */
export type EndReason = 'customer' | 'provider' | 'terminated' | 'suspended' | 'staff' | 'schedule' | 'idle' | 'budget' | 'restart' | 'change' | 'paused'
