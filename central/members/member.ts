/** A reseller's people, who use the reseller area on the platform's host. */
import { centralDb } from '../../shared/database/central-database.js'
import { CentralModel } from '../../shared/database/central-model.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'

export type MemberRole = 'owner' | 'manager' | 'support'

export class Member extends CentralModel {
  static override tableName = 'members'
  id!: number
  publicId!: string
  email!: string
  name!: string
  passwordHash!: string | null
  emailVerifiedAt!: Date | null
  status!: 'active' | 'disabled'
  theme!: string
  lastLoginAt!: Date | null
  createdAt!: Date
  updatedAt!: Date

  /** Tenants this person may act for, by id, with the role there. Read on every request: a removed role counts at once. */
  async tenants(): Promise<Map<number, MemberRole>> {
    const rows = (await centralDb()('tenant_members').where({ member_id: this.id })) as Array<{ tenant_id: number; role: MemberRole }>
    return new Map(rows.map((row) => [row.tenant_id, row.role]))
  }
}

/** The person with this address, made when new. Safe to repeat. */
export async function ensureMember(email: string, name: string): Promise<Member> {
  const now = clock.real()
  await centralDb()('members').insert({ public_id: newPublicId(), email, name, status: 'active', created_at: now, updated_at: now }).onConflict('email').merge(['email'])
  return Member.findOwned({ email })
}

/** Gives a person a role at a tenant. Safe to repeat; an existing role stays. */
export async function joinTenant(member: Member, tenantId: number, role: MemberRole): Promise<void> {
  await centralDb()('tenant_members').insert({ tenant_id: tenantId, member_id: member.id, role, created_at: clock.real() }).onConflict(['tenant_id', 'member_id']).merge(['tenant_id'])
}
