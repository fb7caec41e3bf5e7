<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;
use WHMCS\Input\Sanitize;

/**
 * configaddonmods.php: activation, settings and access of addons, for full administrators.
 */
final class AddonSettingsPage
{
    // What a stored password is shown as; posted back unchanged it keeps the password.
    private const MASK = '********';

    public static function answer(object $admin): void
    {
        if ((int) $admin->roleid !== 1) {
            http_response_code(403);
            (new AdminPage($admin, 'Access Denied'))->show('<p id="access-denied">Access Denied</p>');
            return;
        }
        $message = '';
        if (Input::posted()) {
            Session::demandToken();
            $message = self::act();
        }
        $content = $message === '' ? '' : '<div class="alert" id="addon-message">' . $message . '</div>';
        foreach (Addons::all() as $name) {
            $content .= self::addon($name);
        }
        (new AdminPage($admin, 'Addon Modules'))->show($content);
    }

    private static function act(): string
    {
        $name = Input::text('module');
        if (!in_array($name, Addons::all(), true)) {
            return '';
        }
        switch (Input::text('action')) {
            case 'activate':
                $answer = Addons::activate($name);
                break;
            case 'deactivate':
                $answer = Addons::deactivate($name);
                break;
            default:
                Addons::save($name, self::values($name), array_map('intval', (array) ($_POST['access'] ?? [])));
                return 'Changes Saved Successfully!';
        }
        return '<b>' . Html::text($answer['status']) . '</b> ' . Html::text($answer['description']);
    }

    /** @return array<string, string> decoded: settings are stored as the owner typed them */
    private static function values(string $name): array
    {
        $posted = Sanitize::decode((array) ($_POST['fields'] ?? []));
        $stored = Addons::settings($name);
        foreach (Addons::config($name)['fields'] ?? [] as $field => $about) {
            if ($about['Type'] === 'password' && ($posted[$field] ?? '') === self::MASK) {
                $posted[$field] = $stored[$field] ?? '';
            }
        }
        return $posted;
    }

    private static function addon(string $name): string
    {
        $config = Addons::config($name);
        $active = Addons::isActive($name);
        $html = '<form method="post" class="addon" id="addon-' . $name . '">' . Html::token()
            . Html::hidden('module', $name) . '<h2>' . Html::text($config['name'] ?? $name) . ' '
            . Html::text($config['version'] ?? '') . '</h2><p>' . Html::text($config['description'] ?? '') . '</p>';
        if (!$active) {
            return $html . '<button name="action" value="activate">Activate</button></form>';
        }
        $stored = Addons::settings($name);
        foreach ($config['fields'] ?? [] as $field => $about) {
            $html .= '<label>' . Html::text($about['FriendlyName'] ?? $field)
                . self::field('fields[' . $field . ']', $about, $stored[$field] ?? (string) ($about['Default'] ?? ''))
                . ' ' . ($about['Description'] ?? '') . '</label><br>';
        }
        $access = explode(',', $stored['access'] ?? '');
        foreach (Capsule::table('tbladminroles')->pluck('name', 'id') as $role => $title) {
            $checked = in_array((string) $role, $access, true) ? ' checked' : '';
            $html .= '<label><input type="checkbox" name="access[]" value="' . $role . '"' . $checked . '> '
                . Html::text($title) . '</label>';
        }
        return $html . '<button name="action" value="save">Save Changes</button>'
            . '<button name="action" value="deactivate">Deactivate</button></form>';
    }

    private static function field(string $name, array $about, string $value): string
    {
        $text = Html::text($value);
        switch ($about['Type']) {
            case 'yesno':
                $checked = $value === 'on' ? ' checked' : '';
                return '<input type="checkbox" name="' . $name . '" value="on"' . $checked . '>';
            case 'textarea':
                return '<textarea name="' . $name . '">' . $text . '</textarea>';
            case 'password':
                return '<input type="password" name="' . $name . '" value="' . ($value === '' ? '' : self::MASK) . '">';
            case 'dropdown':
            case 'radio':
                $options = $about['Options'] ?? [];
                $options = is_array($options) ? $options : explode(',', $options);
                $named = array_values($options) === $options ? array_combine($options, $options) : $options;
                return Html::select('name="' . $name . '"', $named, $value);
            default:
                return '<input type="text" name="' . $name . '" value="' . $text . '">';
        }
    }
}
