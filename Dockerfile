# One image for web, worker and command line. Chromium comes from Debian's packages, as everywhere else.
FROM node:22-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc .puppeteerrc.cjs ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:22-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends chromium fonts-liberation tini ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --shell /usr/sbin/nologin ezscale
WORKDIR /app
ENV NODE_ENV=production BIND=0.0.0.0 CHROMIUM_PATH=/usr/bin/chromium
COPY --from=packages /app/node_modules ./node_modules
COPY package.json tsconfig.json ./
COPY shared ./shared
COPY tenant ./tenant
COPY central ./central
COPY views ./views
COPY public ./public
COPY scripts ./scripts
COPY migrations-central ./migrations-central
COPY migrations-tenant ./migrations-tenant
USER ezscale
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s CMD node -e "fetch('http://127.0.0.1:3000/healthz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
ENTRYPOINT ["tini", "--"]
CMD ["node", "--import", "tsx", "scripts/server.ts"]
