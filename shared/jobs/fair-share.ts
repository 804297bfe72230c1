/** How many jobs of each tenant this process holds. A reseller with ten thousand due jobs takes no more than its share; the others' jobs overtake. */

/** Most jobs of one tenant at a time in one process. */
const sharePerTenant = 4

export class FairShare {
  private readonly held = new Map<string, string | null>()
  constructor(readonly most = sharePerTenant) {}

  /** `tenant` is null for central's jobs: they have no share, but are counted as held. */
  took(jobId: string, tenant: string | null): void {
    this.held.set(jobId, tenant)
  }

  gaveBack(jobId: string): void {
    this.held.delete(jobId)
  }

  /** Tenants that have their full share now. */
  full(): string[] {
    const counts = new Map<string, number>()
    for (const tenant of this.held.values()) if (tenant) counts.set(tenant, (counts.get(tenant) ?? 0) + 1)
    return [...counts].filter(([, count]) => count >= this.most).map(([tenant]) => tenant)
  }

  heldJobs(): string[] {
    return [...this.held.keys()]
  }

  isFull(tenant: string): boolean {
    return this.full().includes(tenant)
  }
}
