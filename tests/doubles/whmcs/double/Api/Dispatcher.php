<?php

namespace WhmcsDouble\Api;

use WhmcsDouble\Hooks;
use WhmcsDouble\State;
use WHMCS\Database\Capsule;

/**
 * Finds the action, whose name has no case, and runs it.
 */
final class Dispatcher
{
    // What the names of actions begin with; all else in the rooms is theirs alone.
    private const ACTION = '/^(get|add|open|update|delete|create|log)[a-z]+$/i';

    private const ROOMS = [Tickets::class, Notes::class, Clients::class, Billing::class, System::class];

    /**
     * localAPI: no credential, no check of the address.
     *
     * @param array<string, mixed> $values
     * @return array<string, mixed>
     */
    public static function local(string $action, array $values, string $username): array
    {
        $admins = Capsule::table('tbladmins')->where('disabled', 0)->orderBy('id');
        $admin = ($username === '' ? $admins : $admins->where('username', $username))->first();
        try {
            if ($admin === null) {
                throw new Refusal('An admin user is required');
            }
            return self::call($action, $values, $admin);
        } catch (Refusal $refusal) {
            return ['result' => 'error', 'message' => $refusal->getMessage()];
        }
    }

    /**
     * @param array<string, mixed> $values
     * @return array<string, mixed>
     * @throws Refusal
     */
    public static function call(string $action, array $values, object $admin): array
    {
        $run = function () use ($action, $values, $admin) {
            foreach (self::ROOMS as $room) {
                if (preg_match(self::ACTION, $action) && method_exists($room, $action)) {
                    return $room::$action($values, $admin);
                }
            }
            throw new Refusal('Command Not Found');
        };
        // Whether the API runs the hooks of tickets is documented for one of them only.
        return State::setting('api_fires_hooks', true) ? $run() : Hooks::without($run);
    }
}
