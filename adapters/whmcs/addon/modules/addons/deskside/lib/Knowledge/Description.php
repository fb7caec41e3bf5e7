<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use WHMCS\Database\Capsule;
use WHMCS\Module\Addon\Deskside\Version;

/**
 * What this WHMCS takes, asked of it before anything is written.
 */
final class Description
{
    /** @return array<string, mixed> */
    public static function all(): array
    {
        return [
            'addon' => Version::NUMBER,
            'whmcs' => (string) Capsule::table('tblconfiguration')->where('setting', 'Version')->value('value'),
            'language' => Languages::standard(),
            'languages' => Languages::installed(),
            'tag_characters' => Tags::LONGEST,
            'request_bytes' => Gate::largest(),
            'file_types' => Files::TYPES,
            'files_writable' => Files::writable(),
        ] + Columns::all();
    }
}
