<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use WHMCS\Database\Capsule;
use WHMCS\Module\Addon\Deskside\Lang;

/**
 * The articles as they are now, ours and others', with all their languages. A row with `parentid` 0 is an article; rows
 * with the id of an article there are its translations.
 */
final class Articles
{
    public const TABLE = 'tblknowledgebase';
    public const LINKS = 'tblknowledgebaselinks';
    private const MOST = 100;
    private const MOST_BYTES = 4194304;

    public static function exists(int $id): bool
    {
        return Capsule::table(self::TABLE)->where('id', $id)->where('parentid', 0)->exists();
    }

    /**
     * The next articles by id; those that were archived are left out.
     *
     * @return array<string, mixed> articles, and `next`: the id to go on after, null at the end
     */
    public static function page(int $after, int $limit): array
    {
        if ($limit > self::MOST) {
            throw Refused::malformed('limit must be at most ' . self::MOST);
        }
        $ids = Capsule::table(self::TABLE)->where('parentid', 0)->where('id', '>', $after)
            ->orderBy('id')->limit($limit)->pluck('id')->all();
        $articles = [];
        $bytes = 0;
        $last = $after;
        foreach (self::some(array_map('intval', $ids)) as $id => $article) {
            foreach ($article['texts'] as $text) {
                $bytes += strlen($text['html']);
            }
            if ($articles !== [] && $bytes > self::MOST_BYTES) {
                return ['articles' => $articles, 'next' => $last];
            }
            if (!$article['archived']) {
                $articles[] = $article;
            }
            $last = $id;
        }
        return ['articles' => $articles, 'next' => count($ids) < $limit ? null : $last];
    }

    /** @return array<string, mixed> */
    public static function one(int $id): array
    {
        $article = self::some([$id])[$id] ?? null;
        if ($article === null || $article['archived']) {
            throw Refused::gone();
        }
        return $article;
    }

    /**
     * Whether our hidden category of this kind is the only one it stands in. Where a person filed it, it is theirs.
     *
     * @param int[] $categories the ones it stands in
     */
    public static function hides(string $kind, array $categories): bool
    {
        $own = Categories::own();
        return isset($own[$kind]) && $categories === [$own[$kind]];
    }

    /**
     * @param int[] $ids
     * @return array<int, int[]> the categories by article
     */
    public static function categories(array $ids): array
    {
        $found = array_fill_keys($ids, []);
        $rows = Capsule::table(self::LINKS)->whereIn('articleid', $ids)->orderBy('categoryid')->get();
        foreach ($rows as $row) {
            if (!in_array((int) $row->categoryid, $found[(int) $row->articleid], true)) {
                $found[(int) $row->articleid][] = (int) $row->categoryid;
            }
        }
        return $found;
    }

    /**
     * @param int[] $ids
     * @return array<int, array<string, mixed>> by id, in the order of ids
     */
    private static function some(array $ids): array
    {
        $translations = [];
        foreach (Capsule::table(self::TABLE)->whereIn('parentid', $ids)->orderBy('id')->get() as $row) {
            $translations[(int) $row->parentid][] = $row;
        }
        [$links, $tags, $own, $known] = [self::categories($ids), Tags::of($ids), Own::rows($ids), Own::texts($ids)];
        $unseen = Categories::unseen();
        $found = [];
        foreach (Capsule::table(self::TABLE)->whereIn('id', $ids)->where('parentid', 0)->orderBy('id')->get() as $row) {
            $id = (int) $row->id;
            $mine = $own[$id] ?? null;
            $hidden = $mine !== null && self::hides(Categories::DRAFTS, $links[$id]);
            $seen = array_diff($links[$id], $unseen) !== [];
            $closed = !in_array((string) $row->private, ['', '0'], true);
            $found[$id] = [
                'id' => $id,
                'marker' => $mine === null ? '' : (string) $mine->marker,
                'category' => self::category($mine, $links[$id], $hidden),
                'private' => $hidden ? (bool) $mine->private : $closed,
                'public' => $seen && !$closed,
                'order' => (int) $row->order,
                'tags' => $tags[$id] ?? [],
                'archived' => $mine !== null && self::hides(Categories::ARCHIVE, $links[$id]),
                'texts' => self::texts($row, $mine, $translations[$id] ?? [], $known[$id] ?? [], $hidden),
            ];
        }
        return $found;
    }

    /**
     * @param object|null $own
     * @param int[] $links
     */
    private static function category($own, array $links, bool $hidden): ?int
    {
        if ($own !== null && ($hidden || in_array((int) $own->category_id, $links, true))) {
            return (int) $own->category_id;
        }
        return $links === [] ? null : $links[0];
    }

    /**
     * @param object $base
     * @param object|null $own
     * @param object[] $translations
     * @param array<string, object> $known what is kept of the texts, by language
     * @return array<int, array<string, mixed>>
     */
    private static function texts($base, $own, array $translations, array $known, bool $hidden): array
    {
        $first = $own === null ? Languages::standard() : (string) $own->language;
        $kept = $known[$first] ?? null;
        $parked = $hidden && $kept !== null && $kept->draft && (string) $base->article === '';
        $found = [$first => self::text($first, $parked ? $kept : $base, $hidden, $kept)];
        foreach ($translations as $row) {
            $language = strtolower((string) $row->language);
            if ($language !== '' && !isset($found[$language])) {
                $found[$language] = self::text($language, $row, false, $known[$language] ?? null);
            }
        }
        foreach ($known as $language => $row) {
            if ($row->draft && !isset($found[$language])) {
                $found[$language] = self::text($language, $row, true, $row);
            }
        }
        return array_values($found);
    }

    /**
     * @param object $row of WHMCS's table, or what is kept of a draft
     * @param object|null $kept
     * @return array<string, mixed>
     */
    private static function text(string $language, $row, bool $draft, $kept): array
    {
        return [
            'language' => $language,
            'tag' => $kept === null ? '' : (string) $kept->tag,
            'title' => Lang::typed((string) $row->title),
            'html' => (string) $row->article,
            'draft' => $draft,
            'edited' => Text::hash((string) $row->title, (string) $row->article),
        ];
    }
}
